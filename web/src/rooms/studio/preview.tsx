/// What one pass of the painting network makes of the two pictures, a moment after anything changed.
import { useEffect, useState } from 'preact/hooks';
import { paintPreview } from '../../api/calls';
import { formatSeconds } from '../../lib/format';
import { saveAs, shrink } from '../../lib/pictures';
import { useStore } from '../../lib/store';
import { Button, Empty, Loading, Problem } from '../../parts/basics';
import { t } from '../../texts';
import { BeforeAfter } from './before_after';
import { sources, wishes } from './wishes';

const kPause = 350; ///< milliseconds without a change
const kSize = 512;

interface Shown {
  url: string | null;
  blob: Blob | null;
  seconds: number | null;
  error: unknown;
  busy: boolean;
}

const kNothing: Shown = { url: null, blob: null, seconds: null, error: null, busy: false };

function usePreview(): Shown & { again: () => void } {
  const { content, style } = useStore(sources);
  const { alpha, colours } = useStore(wishes);
  const [shown, setShown] = useState<Shown>(kNothing);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!content || !style) {
      setShown(kNothing);
      return undefined;
    }
    const abort = new AbortController();
    setShown((before) => ({ ...before, busy: true, error: null }));
    const timer = setTimeout(async () => {
      try {
        const [small, strokes] = await Promise.all([shrink(content.file, 1024), shrink(style.file, 1024)]);
        const options = { alpha, size: kSize, original_colors: colours };
        const { picture, seconds } = await paintPreview(small, strokes, options, abort.signal);
        setShown({ url: URL.createObjectURL(picture), blob: picture, seconds, error: null, busy: false });
      } catch (error) {
        if (!abort.signal.aborted) setShown({ ...kNothing, error });
      }
    }, kPause);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [content, style, alpha, colours, turn]);
  useEffect(() => {
    const { url } = shown;
    return () => {
      if (url) URL.revokeObjectURL(url);
    };
  }, [shown.url]);
  return { ...shown, again: () => setTurn((count) => count + 1) };
}

export function Preview() {
  const { content, style } = useStore(sources);
  const shown = usePreview();
  if (!content || !style) {
    return (
      <Empty title={t('studio.empty')}>
        <p>{content || style ? t(content ? 'studio.empty.style' : 'studio.empty.content') : t('studio.empty.text')}</p>
      </Empty>
    );
  }
  return (
    <div class={`preview ${shown.busy ? 'busy' : ''}`} aria-busy={shown.busy}>
      {shown.url && <BeforeAfter before={content.url} after={shown.url} />}
      {shown.error != null && <Problem error={shown.error} retry={shown.again} />}
      <div class="stage-foot" role="status">
        {shown.busy ? (
          <Loading text={t('studio.painting')} />
        ) : (
          <p class="small">{shown.seconds !== null ? t('studio.preview.took', { time: formatSeconds(shown.seconds) }) : t('studio.preview')}</p>
        )}
        {shown.blob && (
          <Button icon="download" disabled={shown.busy} onClick={() => shown.blob && saveAs(shown.blob, 'likeness-preview.jpg')}>
            {t('common.download')}
          </Button>
        )}
      </div>
    </div>
  );
}
