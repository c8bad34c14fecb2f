/// Two pictures in one place, with a line between them that is moved by mouse, finger or keys.
import { useState } from 'preact/hooks';
import { formatPercent } from '../../lib/format';
import { t } from '../../texts';

export function BeforeAfter({ before, after }: { before: string; after: string }) {
  const [at, setAt] = useState(50);
  return (
    <div class="before-after" style={{ '--at': `${at}%` }}>
      <img class="after" src={after} alt={t('studio.after')} />
      <img class="before" src={before} alt={t('studio.before')} />
      <span class="divider" aria-hidden="true" />
      <span class="corner left" aria-hidden="true">
        {t('studio.before.short')}
      </span>
      <span class="corner right" aria-hidden="true">
        {t('studio.after.short')}
      </span>
      <input
        type="range"
        min={0}
        max={100}
        step={1}
        value={at}
        aria-label={t('studio.compare')}
        aria-valuetext={t('studio.compare.value', { share: formatPercent(at / 100) })}
        onInput={(event) => setAt(Number(event.currentTarget.value))}
      />
    </div>
  );
}
