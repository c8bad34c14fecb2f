/// Enrolment from one photo (or several), and what could be better about them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addExamples, enrol } from '../../api/calls';
import type { Enrolment } from '../../api/types';
import { formatPercent } from '../../lib/format';
import { closePicture, openPicture, type Picture } from '../../lib/pictures';
import { Button, Field, Note, Problem } from '../../parts/basics';
import { Dialog } from '../../parts/dialog';
import { DropZone, sift } from '../../parts/drop_zone';
import { usePaste } from '../../parts/hooks';
import { t } from '../../texts';

interface EnrolDialogProps {
  person?: string; ///< to whom examples are added; nothing: somebody new
  photo?: File; ///< cut from a group photo
  onEnrolled: (name: string) => void;
  onClose: () => void;
}

function Outcome({ enrolment }: { enrolment: Enrolment }) {
  const { name, added, already_enrolled, photos } = enrolment;
  return (
    <div class="outcome" role="status">
      <Note kind="good">
        <strong>{added > 0 ? t('enrol.done', { name, count: added }) : t('enrol.known', { name })}</strong>
        {added > 0 && already_enrolled > 0 && <p>{t('enrol.some_known', { count: already_enrolled })}</p>}
      </Note>
      {photos.map((photo, index) => (
        <div key={index} class="outcome-photo">
          <p class="small">{t('enrol.quality', { number: index + 1, quality: formatPercent(photo.quality) })}</p>
          {photo.looks_like !== null && <Note kind="warn">{t('enrol.looks_like', { name: photo.looks_like })}</Note>}
          {photo.faces > 1 && <Note kind="warn">{t('enrol.several', { count: photo.faces })}</Note>}
          {photo.remarks.length > 0 && (
            <Note kind="warn">
              <p>{t('enrol.remarks')}</p>
              <ul>
                {photo.remarks.map((remark) => (
                  <li key={remark}>{remark}</li>
                ))}
              </ul>
            </Note>
          )}
        </div>
      ))}
    </div>
  );
}

export function EnrolDialog({ person, photo, onEnrolled, onClose }: EnrolDialogProps) {
  const [name, setName] = useState(person ?? '');
  const [chosen, setChosen] = useState<Picture[]>(() => (photo ? [openPicture(photo)] : []));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const latest = useRef(chosen);
  latest.current = chosen;
  useEffect(() => () => latest.current.forEach(closePicture), []);

  const take = (files: File[]) => setChosen((before) => [...before, ...files.map(openPicture)]);
  usePaste((files) => take(sift(files).fine));

  const clear = () => {
    chosen.forEach(closePicture);
    setChosen([]);
  };
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const files = chosen.map((picture) => picture.file);
      const answer = person === undefined ? await enrol(name.trim(), files) : await addExamples(person, files);
      setEnrolment(answer);
      clear();
      onEnrolled(answer.name);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };

  const title = person === undefined ? t('enrol.title') : t('enrol.title.more', { name: person });
  if (enrolment) {
    return (
      <Dialog title={title} onClose={onClose}>
        <Outcome enrolment={enrolment} />
        <footer>
          <Button
            onClick={() => {
              setEnrolment(null);
              setName(person ?? '');
            }}
          >
            {person === undefined ? t('enrol.another') : t('enrol.another_photo')}
          </Button>
          <Button kind="primary" onClick={onClose}>
            {t('common.done')}
          </Button>
        </footer>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        {person === undefined && (
          <Field label={t('enrol.name')} hint={t('enrol.name.hint')}>
            {(ids) => (
              <input {...ids} required maxLength={200} autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
            )}
          </Field>
        )}
        <DropZone
          label={t('enrol.photos')}
          hint={t('enrol.photos.hint')}
          picture={chosen[0] ?? null}
          several
          onFiles={take}
          onClear={clear}
        >
          <ul class="thumbs">
            {chosen.map((picture) => (
              <li key={picture.url}>
                <img src={picture.url} alt={picture.file.name} />
              </li>
            ))}
          </ul>
        </DropZone>
        <p class="hint">{t('enrol.consent')}</p>
        {error != null && <Problem error={error} />}
        <footer>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy} disabled={chosen.length === 0 || name.trim() === ''}>
            {t('enrol.action')}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
