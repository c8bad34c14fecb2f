/// System: what runs here, with which models and limits, and who may use it.
import { getHealth, getReady, listModels } from '../../api/calls';
import { may, session } from '../../api/session';
import type { Model } from '../../api/types';
import { formatBytes, formatCount, formatDistance } from '../../lib/format';
import { useStore } from '../../lib/store';
import { Loading, Problem } from '../../parts/basics';
import { useLoaded } from '../../parts/hooks';
import { t } from '../../texts';
import { Jobs } from './jobs';
import { Keys } from './keys';

function Health() {
  const health = useLoaded((signal) => Promise.all([getHealth(signal), getReady(signal)]), []);
  return (
    <section class="card" aria-labelledby="health-title">
      <h2 id="health-title">{t('system.health')}</h2>
      {health.loading && !health.data && <Loading />}
      {health.error != null && <Problem error={health.error} retry={health.reload} />}
      {health.data && health.error == null && (
        <>
          <p class="status-line">
            <span class="dot good" aria-hidden="true" />
            {t('system.ready')}
          </p>
          <dl class="pairs">
            <dt>{t('system.version')}</dt>
            <dd>{health.data[0].version}</dd>
          </dl>
        </>
      )}
    </section>
  );
}

function Service() {
  const now = useStore(session);
  if (now.state !== 'ready') return null;
  const { gallery, limits, model, threshold } = now.session;
  return (
    <>
      <section class="card" aria-labelledby="gallery-title">
        <h2 id="gallery-title">{t('system.gallery')}</h2>
        {gallery ? (
          <dl class="pairs">
            <dt>{t('system.people')}</dt>
            <dd>{formatCount(gallery.people)}</dd>
            <dt>{t('system.examples')}</dt>
            <dd>{formatCount(gallery.examples)}</dd>
            <dt>{t('system.model')}</dt>
            <dd>{gallery.model}</dd>
            <dt>{t('system.protection')}</dt>
            <dd>{gallery.protection}</dd>
            <dt>{t('system.crops')}</dt>
            <dd>{gallery.keep_crops ? t('system.crops.kept') : t('system.crops.not_kept')}</dd>
          </dl>
        ) : (
          <p class="small">{t('people.no_gallery.text')}</p>
        )}
      </section>
      <section class="card" aria-labelledby="limits-title">
        <h2 id="limits-title">{t('system.limits')}</h2>
        <dl class="pairs">
          <dt>{t('system.upload')}</dt>
          <dd>{formatBytes(limits.max_upload_bytes)}</dd>
          <dt>{t('system.pixels')}</dt>
          <dd>{t('system.megapixels', { count: limits.max_pixels / 1e6 })}</dd>
          <dt>{t('system.style_size')}</dt>
          <dd>{t('studio.pixels', { size: String(limits.max_style_size) })}</dd>
          <dt>{t('system.verifies_with')}</dt>
          <dd>{t('system.verifies_with.value', { model, threshold: formatDistance(threshold) })}</dd>
        </dl>
      </section>
    </>
  );
}

function ModelRow({ model }: { model: Model }) {
  return (
    <li class="model">
      <div class="model-head">
        <h3>{model.id}</h3>
        <span class="row">
          {model.in_use && <span class="chip done">{t('system.in_use')}</span>}
          {!model.available && <span class="chip failed">{t('system.missing')}</span>}
        </span>
      </div>
      <p>{model.task}</p>
      {model.quality && <p class="small">{model.quality}</p>}
      <dl class="pairs small">
        <dt>{t('system.licence')}</dt>
        <dd>{model.licence}</dd>
        <dt>{t('system.bytes')}</dt>
        <dd>{formatBytes(model.bytes)}</dd>
        {typeof model.source === 'string' && model.source && (
          <>
            <dt>{t('system.source')}</dt>
            <dd>{model.source}</dd>
          </>
        )}
      </dl>
    </li>
  );
}

function Models() {
  const models = useLoaded((signal) => listModels(signal), []);
  const sorted = [...(models.data?.models ?? [])].sort((a, b) => Number(b.in_use) - Number(a.in_use));
  return (
    <section class="models" aria-labelledby="models-title">
      <h2 id="models-title">{t('system.models')}</h2>
      {models.loading && !models.data && <Loading />}
      {models.error != null && <Problem error={models.error} retry={models.reload} />}
      <ul class="cards">
        {sorted.map((model) => (
          <ModelRow key={model.id} model={model} />
        ))}
      </ul>
    </section>
  );
}

export function System() {
  return (
    <div class="room system">
      <header class="room-head">
        <h1>{t('system.title')}</h1>
        <p>{t('system.lead')}</p>
      </header>
      <div class="cards">
        <Health />
        <Service />
      </div>
      {may('admin') && <Keys />}
      <Jobs />
      <Models />
    </div>
  );
}
