/// One painting job: how far it is, what the picture looks like, and the result beside the photo.
import { useState } from 'preact/hooks';
import { jobContent, jobPreview, jobResult, removeJob } from '../../api/calls';
import { isOver } from '../../api/follow';
import type { Job } from '../../api/types';
import { formatCount, formatPercent, formatSeconds } from '../../lib/format';
import { saveAs } from '../../lib/pictures';
import { useStore } from '../../lib/store';
import { Bar, Button, Loading, Note, Problem } from '../../parts/basics';
import { usePicture } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { hasText, t } from '../../texts';
import { BeforeAfter } from './before_after';
import { LossCurve } from './loss_curve';
import { loadJobs, look, watched, type Watched } from './running';

function timeLeft(job: Job): string {
  if (job.progress < 0.05 || job.seconds < 2) return '';
  return t('studio.left', { time: formatSeconds((job.seconds / job.progress) * (1 - job.progress)) });
}

function Running({ now, job }: { now: Watched; job: Job }) {
  const earlier = usePicture(job.has_preview && !now.preview ? jobPreview(job.id) : null);
  const picture = now.preview ?? earlier.url;
  const [stopping, setStopping] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cancel = async () => {
    setStopping(true);
    try {
      await removeJob(job.id);
    } catch (caught) {
      setError(caught);
      setStopping(false);
    }
  };
  return (
    <div class="job-running">
      <div class="canvas">
        {picture ? <img src={picture} alt={t('studio.so_far')} /> : <Loading text={job.state === 'queued' ? t('studio.queued') : t('studio.starting')} />}
      </div>
      <Bar share={job.progress} label={t('studio.progress')} />
      <p class="small" role="status">
        {job.state === 'queued'
          ? t('studio.queued')
          : `${t('studio.step', { iteration: formatCount(job.iteration), iterations: formatCount(job.iterations), share: formatPercent(job.progress) })} ${timeLeft(job)}`}
      </p>
      <LossCurve losses={now.losses} iterations={job.iterations} />
      {error != null && <Problem error={error} />}
      <div class="row">
        <Button kind="danger" icon="close" busy={stopping} onClick={() => void cancel()}>
          {job.state === 'queued' ? t('studio.cancel') : t('studio.stop')}
        </Button>
      </div>
    </div>
  );
}

function Over({ now, job }: { now: Watched; job: Job }) {
  const after = usePicture(job.has_result ? jobResult(job.id) : null);
  const before = usePicture(job.has_result ? jobContent(job.id) : null);
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    try {
      await removeJob(job.id);
      say(t('studio.removed'));
      look(null);
      await loadJobs();
    } catch {
      setBusy(false);
      say(t('studio.not_removed'));
    }
  };
  const ending = after.blob?.type === 'image/png' ? 'png' : 'jpg';
  return (
    <div class="job-over">
      {job.state === 'failed' && (
        <div class="notice bad" role="alert">
          <div>
            <strong>{t('studio.failed')}</strong>
            <p>{job.error?.detail ?? t('studio.failed.unknown')}</p>
          </div>
        </div>
      )}
      {job.state === 'cancelled' && <Note>{job.has_result ? t('studio.cancelled.kept') : t('studio.cancelled')}</Note>}
      {job.has_result && !after.url && <Loading />}
      {after.url && before.url && <BeforeAfter before={before.url} after={after.url} />}
      {after.url && !before.url && (
        <div class="canvas">
          <img src={after.url} alt={t('studio.after')} />
        </div>
      )}
      <p class="small" role="status">
        {job.state === 'done' && t('studio.took', { width: String(job.width), height: String(job.height), time: formatSeconds(job.seconds) })}
      </p>
      <LossCurve losses={now.losses} iterations={job.iterations} />
      <div class="row">
        {after.blob && (
          <Button kind="primary" icon="download" onClick={() => after.blob && saveAs(after.blob, `likeness-${job.id.slice(0, 8)}.${ending}`)}>
            {t('common.download')}
          </Button>
        )}
        <Button icon="trash" busy={busy} onClick={() => void remove()}>
          {t('studio.remove')}
        </Button>
      </div>
    </div>
  );
}

export function JobView() {
  const now = useStore(watched);
  if (!now) return null;
  const { job, error } = now;
  return (
    <div class="job" aria-live="off">
      <header class="stage-head">
        <h2>{job ? t('studio.job', { state: stateText(job) }) : t('studio.job.loading')}</h2>
        <Button kind="quiet" onClick={() => look(null)}>
          {t('studio.back')}
        </Button>
      </header>
      {error != null && <Problem error={error} />}
      {!job && error == null && <Loading />}
      {job && (isOver(job) ? <Over key={job.id} now={now} job={job} /> : <Running key={job.id} now={now} job={job} />)}
    </div>
  );
}

export function stateText(job: Job): string {
  const key = `job.${job.state}`;
  return hasText(key) ? (t as (key: string) => string)(key) : job.state;
}
