/// The cost over the steps, on a logarithmic scale: where it is flat, little is left to gain.
import { formatCount, formatLoss } from '../../lib/format';
import { t } from '../../texts';

const kWidth = 320;
const kHeight = 96;

/// Points of the curve in the picture's own units; nothing where there is no curve yet.
export function curveOf(losses: readonly (readonly [number, number])[], iterations: number): string {
  const fine = losses.filter(([, loss]) => loss > 0);
  if (fine.length < 2) return '';
  const logs = fine.map(([, loss]) => Math.log(loss));
  const low = Math.min(...logs);
  const high = Math.max(...logs);
  const last = Math.max(iterations, fine[fine.length - 1]?.[0] ?? 1, 1);
  return fine
    .map(([iteration], index) => {
      const x = (iteration / last) * kWidth;
      const share = high > low ? ((logs[index] ?? low) - low) / (high - low) : 0.5;
      return `${x.toFixed(1)},${(kHeight - 6 - share * (kHeight - 12)).toFixed(1)}`;
    })
    .join(' ');
}

export function LossCurve({ losses, iterations }: { losses: readonly (readonly [number, number])[]; iterations: number }) {
  const points = curveOf(losses, iterations);
  const first = losses[0];
  const last = losses[losses.length - 1];
  if (!points || !first || !last) return null;
  return (
    <figure class="loss">
      <svg
        viewBox={`0 0 ${kWidth} ${kHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t('studio.loss.label', { from: formatLoss(first[1]), to: formatLoss(last[1]), count: last[0] })}
      >
        <line x1="0" x2={kWidth} y1={kHeight - 1} y2={kHeight - 1} class="axis" />
        <polyline points={points} class="curve" />
      </svg>
      <figcaption>
        <span>{t('studio.loss')}</span>
        <span>{t('studio.loss.now', { loss: formatLoss(last[1]), iteration: formatCount(last[0]) })}</span>
      </figcaption>
    </figure>
  );
}
