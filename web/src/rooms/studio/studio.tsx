/// Studio: a photo in the style of a picture, at once in one pass or slowly by optimisation.
import { useEffect, useRef, useState } from 'preact/hooks';
import { startJob } from '../../api/calls';
import { reachable } from '../../api/client';
import { formatNumber, formatPercent } from '../../lib/format';
import { useStore } from '../../lib/store';
import { Button, Problem, Select, Slider } from '../../parts/basics';
import { DropZone, sift } from '../../parts/drop_zone';
import { FacePicture } from '../../parts/face_picture';
import { usePaste } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { t } from '../../texts';
import { History } from './history';
import { JobView } from './job_view';
import { Preview } from './preview';
import { loadJobs, look, note, useFollowing, watched } from './running';
import { jobWishes, kColours, putSource, sizes, sources, wish, wishes } from './wishes';

const kSources = ['content', 'style'] as const;

function Sources() {
  const chosen = useStore(sources);
  return (
    <div class="pair sources">
      {kSources.map((which) => {
        const picture = chosen[which];
        return (
          <DropZone
            key={which}
            label={t(`studio.${which}`)}
            hint={t(`studio.${which}.hint`)}
            tone={which === 'content' ? 'a' : 'b'}
            camera={which === 'content'}
            picture={picture}
            onFiles={(files) => {
              look(null);
              putSource(which, files[0] ?? null);
            }}
            onClear={() => putSource(which, null)}
          >
            {picture && <FacePicture url={picture.url} alt={t(`studio.${which}`)} frames={[]} />}
          </DropZone>
        );
      })}
    </div>
  );
}

function Controls({ onStart, busy }: { onStart: () => void; busy: boolean }) {
  const now = useStore(wishes);
  const { content, style } = useStore(sources);
  return (
    <div class="controls">
      <fieldset>
        <legend>{t('studio.look')}</legend>
        <Slider
          label={t('studio.alpha')}
          value={now.alpha}
          min={0}
          max={1}
          step={0.05}
          text={formatPercent(now.alpha)}
          hint={t('studio.alpha.hint')}
          onChange={(alpha) => wish({ alpha })}
        />
        <Select
          label={t('studio.colours')}
          value={now.colours}
          choices={kColours.map((value) => ({ value, text: t(`studio.colours.${value}`) }))}
          onChange={(colours) => wish({ colours })}
        />
      </fieldset>
      <fieldset>
        <legend>{t('studio.full')}</legend>
        <Select
          label={t('studio.mode')}
          value={now.mode}
          hint={t(`studio.mode.${now.mode}.hint`)}
          choices={(['optimise', 'fast'] as const).map((value) => ({ value, text: t(`studio.mode.${value}`) }))}
          onChange={(mode) => wish({ mode })}
        />
        {now.mode === 'optimise' && (
          <>
            <Slider
              label={t('studio.weight')}
              value={now.strength}
              min={0}
              max={3}
              step={0.1}
              text={formatNumber(10 ** now.strength)}
              hint={t('studio.weight.hint')}
              onChange={(strength) => wish({ strength })}
            />
            <Slider
              label={t('studio.iterations')}
              value={now.iterations}
              min={25}
              max={1000}
              step={25}
              text={formatNumber(now.iterations)}
              onChange={(iterations) => wish({ iterations })}
            />
          </>
        )}
        <div class="two">
          <Select
            label={t('studio.size')}
            value={String(now.size)}
            choices={sizes().map((size) => ({ value: String(size), text: t('studio.pixels', { size: String(size) }) }))}
            onChange={(size) => wish({ size: Number(size) })}
          />
          <Select
            label={t('studio.format')}
            value={now.format}
            choices={(['jpeg', 'png'] as const).map((value) => ({ value, text: t(`studio.format.${value}`) }))}
            onChange={(format) => wish({ format })}
          />
        </div>
        <Button kind="primary" icon="studio" busy={busy} disabled={!content || !style} onClick={onStart}>
          {t('studio.start')}
        </Button>
      </fieldset>
    </div>
  );
}

export function Studio() {
  const now = useStore(watched);
  const chosen = useStore(sources);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const stage = useRef<HTMLElement>(null);
  useFollowing(now?.id ?? null);
  useEffect(() => {
    const abort = new AbortController();
    void loadJobs(abort.signal);
    const unsubscribe = reachable.subscribe(() => reachable.get() && void loadJobs(abort.signal));
    return () => {
      abort.abort();
      unsubscribe();
    };
  }, []);

  usePaste((files) => {
    const { fine, refused } = sift(files);
    if (refused) say(refused);
    if (fine[0]) putSource(chosen.content && !chosen.style ? 'style' : 'content', fine[0]);
  });

  const start = async () => {
    const { content, style } = sources.get();
    if (!content || !style) return;
    setBusy(true);
    setError(null);
    try {
      const job = await startJob(content.file, style.file, jobWishes(wishes.get()));
      note(job);
      look(job.id, job);
      say(t('studio.started'));
      stage.current?.scrollIntoView({ block: 'nearest' });
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };

  return (
    <div class="room studio">
      <header class="room-head">
        <h1>{t('studio.title')}</h1>
        <p>{t('studio.lead')}</p>
      </header>
      <div class="bench">
        <Sources />
        <section ref={stage} class="stage" aria-label={t('studio.stage')}>
          {error != null && <Problem error={error} retry={() => void start()} />}
          {now ? <JobView /> : <Preview />}
        </section>
        <Controls onStart={() => void start()} busy={busy} />
      </div>
      <History />
    </div>
  );
}
