/// The jobs so far, newest first, with small pictures.
import { jobPreview, jobResult } from '../../api/calls';
import type { Job } from '../../api/types';
import { formatTime } from '../../lib/format';
import { useStore } from '../../lib/store';
import { Problem } from '../../parts/basics';
import { Icon } from '../../parts/icons';
import { usePicture, useSeen } from '../../parts/hooks';
import { t } from '../../texts';
import { stateText } from './job_view';
import { jobs, loadJobs, look, watched } from './running';

function pictureOf(job: Job): string | null {
  if (job.has_result) return jobResult(job.id);
  // A new one now and then: the address decides whether it is fetched again.
  return job.has_preview ? `${jobPreview(job.id)}?n=${Math.floor(job.progress * 5)}` : null;
}

function Entry({ job, current }: { job: Job; current: boolean }) {
  const [element, seen] = useSeen<HTMLLIElement>();
  const { url } = usePicture(seen ? pictureOf(job) : null);
  return (
    <li ref={element}>
      <button type="button" class="job-card" aria-current={current ? 'true' : undefined} onClick={() => look(job.id, job)}>
        <span class="job-picture">{url ? <img src={url} alt="" /> : <Icon name="picture" />}</span>
        <span class={`chip ${job.state}`}>{stateText(job)}</span>
        <span class="small">{formatTime(job.created_at)}</span>
      </button>
    </li>
  );
}

export function History() {
  const { list, error } = useStore(jobs);
  const now = useStore(watched);
  return (
    <section class="history" aria-labelledby="history-title">
      <h2 id="history-title">{t('studio.history')}</h2>
      {error != null && <Problem error={error} retry={() => void loadJobs()} />}
      {list && list.length === 0 && <p class="small">{t('studio.history.empty')}</p>}
      {list && list.length > 0 && (
        <ul class="jobs">
          {list.map((job) => (
            <Entry key={job.id} job={job} current={now?.id === job.id} />
          ))}
        </ul>
      )}
    </section>
  );
}
