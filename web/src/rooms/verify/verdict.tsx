/// The answer: two faces as discs that overlap the more alike they are, the distance on its scale,
/// and what the figures mean.
import type { Verification } from '../../api/types';
import { formatDistance, formatOneIn, formatShare } from '../../lib/format';
import { t } from '../../texts';

/// How far apart the discs lie, in shares of their width: one person overlaps, strangers do not.
export function gapOf(distance: number, threshold: number): number {
  const ratio = distance / threshold;
  return Math.max(-0.3, Math.min(0.5, 0.34 * (ratio - 1)));
}

function Discs({ verification }: { verification: Verification }) {
  const { a, b, distance, threshold } = verification;
  return (
    <div class="discs" style={{ '--gap': String(gapOf(distance, threshold)) }}>
      {a.crop && <img class="disc tone-a" src={a.crop} alt={t('verify.crop', { side: 'A' })} />}
      {b.crop && <img class="disc tone-b" src={b.crop} alt={t('verify.crop', { side: 'B' })} />}
    </div>
  );
}

export function Scale({ distance, threshold, max }: { distance: number; threshold: number; max: number }) {
  const at = (value: number) => `${(Math.min(max, Math.max(0, value)) / max) * 100}%`;
  const ticks = Array.from({ length: max + 1 }, (_, index) => index);
  return (
    <figure class="scale">
      <div
        class="scale-track"
        role="img"
        aria-label={t('scale.label', { distance: formatDistance(distance), threshold: formatDistance(threshold), max })}
      >
        <span class="scale-same" style={{ width: at(threshold) }} />
        <span class="scale-threshold" style={{ left: at(threshold) }} />
        <span class="scale-distance" style={{ left: at(distance) }} />
      </div>
      <div class="scale-ticks" aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} style={{ left: at(tick) }}>
            {tick}
          </span>
        ))}
      </div>
      <figcaption>
        <span class="key-distance">{t('scale.distance', { distance: formatDistance(distance) })}</span>
        <span class="key-threshold">{t('scale.threshold', { threshold: formatDistance(threshold) })}</span>
      </figcaption>
    </figure>
  );
}

export function Verdict({ verification }: { verification: Verification }) {
  const { same_person, distance, threshold, probability, fmr, max_distance, model } = verification;
  const close = Math.abs(distance - threshold) < 0.12 * threshold;
  return (
    <div class={`verdict ${same_person ? 'same' : 'different'}`}>
      <Discs verification={verification} />
      <div class="verdict-words">
        <h2>{same_person ? t('verdict.same') : t('verdict.different')}</h2>
        <p class="verdict-why">
          {same_person
            ? t('verdict.same.why', { distance: formatDistance(distance), threshold: formatDistance(threshold) })
            : t('verdict.different.why', { distance: formatDistance(distance), threshold: formatDistance(threshold) })}
          {close && ` ${t('verdict.close')}`}
        </p>
      </div>
      <Scale distance={distance} threshold={threshold} max={max_distance} />
      <dl class="facts">
        <div>
          <dt>{t('verdict.probability')}</dt>
          <dd>
            {probability === null ? t('verdict.unknown') : formatShare(probability)}
            <span>{probability === null ? t('verdict.probability.none') : t('verdict.probability.means')}</span>
          </dd>
        </div>
        <div>
          <dt>{t('verdict.fmr')}</dt>
          <dd>
            {fmr === null || fmr <= 0 ? t('verdict.unknown') : t('verdict.one_in', { n: formatOneIn(fmr) })}
            <span>{fmr === null || fmr <= 0 ? t('verdict.fmr.none') : t('verdict.fmr.means', { n: formatOneIn(fmr) })}</span>
          </dd>
        </div>
        <div>
          <dt>{t('verdict.model')}</dt>
          <dd>
            {model}
            <span>{t('verdict.model.means')}</span>
          </dd>
        </div>
      </dl>
    </div>
  );
}
