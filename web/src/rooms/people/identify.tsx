/// Who is on a photo? Names on the faces, and a list for those who cannot see them.
import { useEffect, useState } from 'preact/hooks';
import { identify } from '../../api/calls';
import { loadSession, may } from '../../api/session';
import type { Identification, IdentifiedFace } from '../../api/types';
import { formatDistance, formatPercent, formatShare } from '../../lib/format';
import { closePicture, cutOut, openPicture, type Picture } from '../../lib/pictures';
import { Store, useStore } from '../../lib/store';
import { Button, Empty, Loading, Note, Problem } from '../../parts/basics';
import { DropZone, sift } from '../../parts/drop_zone';
import { FacePicture, type Frame } from '../../parts/face_picture';
import { usePaste } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { t } from '../../texts';
import { EnrolDialog } from './enrol_dialog';

/// Kept while other rooms are visited.
const group = new Store<Picture | null>(null);

function put(file: File | null): void {
  closePicture(group.get());
  group.set(file ? openPicture(file) : null);
}

function nameOf(face: IdentifiedFace): string | null {
  return face.matches[0]?.subject ?? null;
}

function framesOf(answer: Identification | null): Frame[] {
  return (answer?.faces ?? []).map((face, index) => {
    const name = nameOf(face);
    return { box: face.box, kind: name ? 'known' : 'unknown', label: name ?? t('identify.face', { number: index + 1 }) };
  });
}

function FaceRow({ face, number, onEnrol, onLook }: { face: IdentifiedFace; number: number; onEnrol?: () => void; onLook: (on: boolean) => void }) {
  const match = face.matches[0];
  return (
    <li class={match ? 'known' : 'unknown'} onMouseEnter={() => onLook(true)} onMouseLeave={() => onLook(false)} onFocusIn={() => onLook(true)} onFocusOut={() => onLook(false)}>
      <span class="number" aria-hidden="true">
        {number}
      </span>
      <div>
        <strong>{match ? match.subject : t('identify.unknown')}</strong>
        <span class="small">
          {match
            ? match.probability === null
              ? t('identify.match', { distance: formatDistance(match.distance) })
              : t('identify.match.probable', { distance: formatDistance(match.distance), probability: formatShare(match.probability) })
            : face.nearest_distance === null
              ? t('identify.nobody')
              : t('identify.nearest', { distance: formatDistance(face.nearest_distance) })}
        </span>
        {face.ambiguous && <span class="small warn-text">{t('identify.ambiguous')}</span>}
      </div>
      {!match && onEnrol && (
        <Button icon="plus" onClick={onEnrol}>
          {t('identify.enrol')}
          <span class="hidden">{t('identify.enrol.which', { number })}</span>
        </Button>
      )}
    </li>
  );
}

export function Identify() {
  const picture = useStore(group);
  const [state, setState] = useState<{ answer: Identification | null; error: unknown; busy: boolean }>({ answer: null, error: null, busy: false });
  const [turn, setTurn] = useState(0);
  const [looking, setLooking] = useState<number | null>(null);
  const [cut, setCut] = useState<File | null>(null);

  useEffect(() => {
    if (!picture) {
      setState({ answer: null, error: null, busy: false });
      return undefined;
    }
    const abort = new AbortController();
    setState((before) => ({ ...before, error: null, busy: true }));
    identify(picture.file, abort.signal).then(
      (answer) => setState({ answer, error: null, busy: false }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState({ answer: null, error, busy: false });
      },
    );
    return () => abort.abort();
  }, [picture, turn]);

  usePaste((files) => {
    const { fine, refused } = sift(files);
    if (refused) say(refused);
    if (fine[0] && !cut) put(fine[0]);
  });

  const { answer, error, busy } = state;
  const known = answer?.faces.filter((face) => nameOf(face)).length ?? 0;
  const startEnrolment = (face: IdentifiedFace) => {
    if (!picture) return;
    cutOut(picture.file, face.box).then(setCut, () => say(t('identify.cannot_cut')));
  };

  return (
    <section class="identify" aria-label={t('people.identify')}>
      <DropZone
        label={t('identify.photo')}
        hint={t('identify.hint')}
        picture={picture}
        onFiles={(files) => {
          setState({ answer: null, error: null, busy: true });
          put(files[0] ?? null);
        }}
        onClear={() => put(null)}
      >
        {picture && (
          <FacePicture url={picture.url} alt={t('identify.photo')} width={answer?.width} height={answer?.height} frames={framesOf(answer)} chosen={looking} />
        )}
      </DropZone>
      <div class="who-list" aria-live="polite" aria-busy={busy}>
        {busy && !answer && <Loading text={t('identify.looking')} />}
        {error != null && <Problem error={error} retry={() => setTurn((count) => count + 1)} />}
        {answer && answer.faces.length === 0 && (
          <Empty title={t('identify.no_face')}>
            <p>{t('identify.no_face.text')}</p>
          </Empty>
        )}
        {answer && answer.faces.length > 0 && (
          <>
            <h2>{t('identify.summary', { count: answer.faces.length, known })}</h2>
            <p class="small">
              {answer.fpir === null
                ? t('identify.rule', { threshold: formatDistance(answer.threshold) })
                : t('identify.rule.fpir', { threshold: formatDistance(answer.threshold), share: formatPercent(answer.fpir) })}
            </p>
            <ol>
              {answer.faces.map((face, index) => (
                <FaceRow
                  key={index}
                  face={face}
                  number={index + 1}
                  onLook={(on) => setLooking(on ? index : null)}
                  onEnrol={may('enrol') ? () => startEnrolment(face) : undefined}
                />
              ))}
            </ol>
            {answer.people === 0 && <Note>{t('identify.empty_gallery')}</Note>}
          </>
        )}
      </div>
      {cut && (
        <EnrolDialog
          photo={cut}
          onClose={() => {
            setCut(null);
            setTurn((count) => count + 1);
          }}
          onEnrolled={() => void loadSession()}
        />
      )}
    </section>
  );
}
