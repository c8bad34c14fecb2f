/// Verify: do two photos show one person?
import { useEffect, useRef, useState } from 'preact/hooks';
import { detect, verify } from '../../api/calls';
import { ApiError, reachable } from '../../api/client';
import type { Detection, Verification } from '../../api/types';
import { formatPercent } from '../../lib/format';
import { closePicture, openPicture, type Picture } from '../../lib/pictures';
import { Store, useStore } from '../../lib/store';
import { Loading, Problem, Select } from '../../parts/basics';
import { DropZone, sift } from '../../parts/drop_zone';
import { FacePicture, type Frame } from '../../parts/face_picture';
import { usePaste } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { t } from '../../texts';
import { namedPhoto } from '../../texts/problems';
import { Verdict } from './verdict';

type Side = 'a' | 'b';
const kSides = ['a', 'b'] as const;

/// How sure one wants to be: the service's own threshold, or a rate of false matches.
const kStrictness = ['usual', '0.001', '0.0001', '0.00001'] as const;
type Strictness = (typeof kStrictness)[number];

interface Found {
  detection: Detection | null;
  error: unknown;
}

/// Kept while other rooms are visited.
const pictures = new Store<Record<Side, Picture | null>>({ a: null, b: null });
const found = new Store<Record<Side, Found>>({
  a: { detection: null, error: null },
  b: { detection: null, error: null },
});

function put(side: Side, file: File | null): void {
  closePicture(pictures.get()[side]);
  pictures.update((now) => ({ ...now, [side]: file ? openPicture(file) : null }));
  found.update((now) => ({ ...now, [side]: { detection: null, error: null } }));
}

function useDetection(side: Side, picture: Picture | null): void {
  useEffect(() => {
    if (!picture || found.get()[side].detection) return undefined;
    const abort = new AbortController();
    detect(picture.file, abort.signal).then(
      (detection) => found.update((now) => ({ ...now, [side]: { detection, error: null } })),
      (error: unknown) => {
        if (!abort.signal.aborted) found.update((now) => ({ ...now, [side]: { detection: null, error } }));
      },
    );
    return () => abort.abort();
  }, [side, picture]);
}

interface Comparison {
  verification: Verification | null;
  error: unknown;
  busy: boolean;
}

function useComparison(a: Picture | null, b: Picture | null, strictness: Strictness): Comparison & { again: () => void } {
  const [state, setState] = useState<Comparison>({ verification: null, error: null, busy: false });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (!a || !b) {
      setState({ verification: null, error: null, busy: false });
      return undefined;
    }
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, busy: true }));
    verify(a.file, b.file, strictness === 'usual' ? undefined : Number(strictness), abort.signal).then(
      (verification) => setState({ verification, error: null, busy: false }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ verification: null, error, busy: false });
      },
    );
    return () => abort.abort();
  }, [a, b, strictness, turn]);
  const again = () => setTurn((count) => count + 1);
  useEffect(() => {
    if (!(state.error instanceof ApiError) || state.error.code !== 'offline') return undefined;
    return reachable.subscribe(() => reachable.get() && again());
  }, [state.error]);
  return { ...state, again };
}

function framesOf(detection: Detection | null, verification: Verification | null, side: Side): Frame[] {
  const main = verification?.[side].face.box;
  const faces = detection?.faces ?? (verification ? [verification[side].face] : []);
  return faces.map((face) => {
    const isMain = main
      ? Math.abs(face.box.left - main.left) < 2 && Math.abs(face.box.top - main.top) < 2
      : faces.length === 1;
    return { box: face.box, kind: isMain ? 'main' : 'other' };
  });
}

function FaceList({ side, detection, frames }: { side: Side; detection: Detection | null; frames: Frame[] }) {
  if (!detection) return null;
  return (
    <div class="face-list">
      <p>{detection.faces.length === 0 ? t('verify.faces.none') : t('verify.faces', { count: detection.faces.length })}</p>
      {detection.faces.length > 0 && (
        <ul aria-label={t('verify.faces.label', { side: side.toUpperCase() })}>
          {detection.faces.map((face, index) => (
            <li key={index} class={frames[index]?.kind === 'main' ? 'main' : ''}>
              <span>{frames[index]?.kind === 'main' ? t('verify.face.main', { number: index + 1 }) : t('verify.face', { number: index + 1 })}</span>
              <span>{t('verify.score', { score: formatPercent(face.score) })}</span>
              {frames[index]?.kind === 'main' && face.quality && face.quality.remarks.length > 0 && (
                <em>{face.quality.remarks.join('; ')}</em>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

export function Verify() {
  const chosen = useStore(pictures);
  const faces = useStore(found);
  const [strictness, setStrictness] = useState<Strictness>('usual');
  useDetection('a', chosen.a);
  useDetection('b', chosen.b);
  const comparison = useComparison(chosen.a, chosen.b, strictness);
  const { verification } = comparison;

  usePaste((files) => {
    const { fine, refused } = sift(files);
    if (refused) say(refused);
    const file = fine[0];
    if (file) put(chosen.a && !chosen.b ? 'b' : 'a', file);
  });

  // On a phone the answer lies below the photos.
  const answer = useRef<HTMLElement>(null);
  useEffect(() => {
    if (verification) answer.current?.scrollIntoView({ block: 'nearest' });
  }, [verification]);

  const guilty = comparison.error ? namedPhoto(comparison.error, kSides) : null;
  const names = { a: t('verify.a'), b: t('verify.b') };
  const both = chosen.a !== null && chosen.b !== null;
  const neither = chosen.a === null && chosen.b === null;

  return (
    <div class="room verify">
      <header class="room-head">
        <h1>{t('verify.title')}</h1>
        <p>{t('verify.lead')}</p>
      </header>
      <div class="pair">
        {kSides.map((side) => {
          const picture = chosen[side];
          const frames = framesOf(faces[side].detection, both ? verification : null, side);
          return (
            <DropZone
              key={side}
              label={names[side]}
              hint={t('verify.hint')}
              tone={side}
              picture={picture}
              onFiles={(files) => put(side, files[0] ?? null)}
              onClear={() => put(side, null)}
            >
              {picture && (
                <>
                  <FacePicture
                    url={picture.url}
                    alt={names[side]}
                    width={faces[side].detection?.width ?? verification?.[side].width}
                    height={faces[side].detection?.height ?? verification?.[side].height}
                    frames={frames}
                  />
                  <FaceList side={side} detection={faces[side].detection} frames={frames} />
                  {!both && faces[side].error != null && <Problem error={faces[side].error} />}
                </>
              )}
            </DropZone>
          );
        })}
      </div>
      <section ref={answer} class="answer" aria-live="polite" aria-busy={comparison.busy} aria-label={t('verify.answer')}>
        {comparison.busy && !verification && <Loading text={t('verify.comparing')} />}
        {comparison.error != null && (
          <>
            {guilty && <p class="guilty">{t('verify.guilty', { name: names[guilty as Side] })}</p>}
            <Problem error={comparison.error} retry={comparison.again} />
          </>
        )}
        {verification && both && <Verdict verification={verification} />}
        {!both && <p class="waiting-for">{neither ? t('verify.waiting.both') : t('verify.waiting.one')}</p>}
      </section>
      {both && (
        <div class="strictness">
          <Select
            label={t('verify.strictness')}
            value={strictness}
            hint={t('verify.strictness.hint')}
            choices={kStrictness.map((value) => ({ value, text: t(`verify.strictness.${value}`) }))}
            onChange={setStrictness}
          />
        </div>
      )}
    </div>
  );
}
