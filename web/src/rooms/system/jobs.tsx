/// All painting jobs that this key may see.
import { listJobs } from '../../api/calls';
import { may } from '../../api/session';
import { formatPercent, formatSeconds, formatTime } from '../../lib/format';
import { Button, Loading, Problem } from '../../parts/basics';
import { useLoaded } from '../../parts/hooks';
import { t } from '../../texts';
import { stateText } from '../studio/job_view';

export function Jobs() {
  const jobs = useLoaded((signal) => listJobs(signal), []);
  const list = jobs.data?.jobs ?? [];
  return (
    <section class="card wide-card" aria-labelledby="jobs-title">
      <div class="card-head">
        <h2 id="jobs-title">{may('admin') ? t('system.jobs.all') : t('system.jobs')}</h2>
        <Button kind="quiet" busy={jobs.loading} onClick={jobs.reload}>
          {t('common.refresh')}
        </Button>
      </div>
      {jobs.loading && !jobs.data && <Loading />}
      {jobs.error != null && <Problem error={jobs.error} retry={jobs.reload} />}
      {jobs.data && list.length === 0 && <p class="small">{t('studio.history.empty')}</p>}
      {list.length > 0 && (
        <div class="table-holder" role="region" aria-labelledby="jobs-title" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('system.jobs.id')}</th>
                <th scope="col">{t('system.jobs.state')}</th>
                <th scope="col">{t('system.jobs.mode')}</th>
                <th scope="col">{t('system.jobs.size')}</th>
                <th scope="col">{t('system.jobs.created')}</th>
                <th scope="col">{t('system.jobs.time')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((job) => (
                <tr key={job.id}>
                  <th scope="row">
                    <code title={job.id}>{job.id.slice(0, 8)}</code>
                  </th>
                  <td>
                    <span class={`chip ${job.state}`}>{stateText(job)}</span>
                    {job.state === 'running' && ` ${formatPercent(job.progress)}`}
                  </td>
                  <td>{t(`studio.mode.${job.mode}`)}</td>
                  <td>{job.width > 0 ? `${job.width} × ${job.height}` : '–'}</td>
                  <td>{formatTime(job.created_at)}</td>
                  <td>{formatSeconds(job.seconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
