/// One person: the photos that are enrolled; add, remove, rename, forget.
import { useState } from 'preact/hooks';
import { examplePicture, getPerson, removeExample, removePerson, renamePerson } from '../../api/calls';
import { may } from '../../api/session';
import type { Example } from '../../api/types';
import { formatPercent, formatTime } from '../../lib/format';
import { Button, Field, IconButton, Loading, Problem } from '../../parts/basics';
import { Confirm, Dialog } from '../../parts/dialog';
import { useLoaded, usePicture } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { t } from '../../texts';
import { Avatar } from './avatar';
import { EnrolDialog } from './enrol_dialog';

interface PersonDialogProps {
  name: string;
  onChanged: () => void;
  onRenamed: (name: string) => void;
  onClose: () => void;
}

function ExampleCard({ name, example, number, onRemove }: { name: string; example: Example; number: number; onRemove?: () => void }) {
  const { url } = usePicture(example.has_crop ? examplePicture(name, example.id) : null);
  return (
    <li class="example">
      {url ? <img src={url} alt={t('person.example', { number })} /> : <Avatar name={name} example={null} />}
      <div>
        <strong>{t('person.example', { number })}</strong>
        <span class="small">{t('person.example.facts', { quality: formatPercent(example.quality), time: formatTime(example.enrolled_at) })}</span>
        {example.source && <span class="small clip">{example.source}</span>}
      </div>
      {onRemove && <IconButton icon="trash" label={t('person.example.remove', { number })} onClick={onRemove} />}
    </li>
  );
}

function Rename({ name, onDone, onCancel }: { name: string; onDone: (name: string) => void; onCancel: () => void }) {
  const [to, setTo] = useState(name);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onDone((await renamePerson(name, to.trim())).name);
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <form class="rename" onSubmit={(event) => void send(event)}>
      <Field label={t('person.new_name')}>
        {(ids) => <input {...ids} required maxLength={200} autocomplete="off" value={to} onInput={(event) => setTo(event.currentTarget.value)} />}
      </Field>
      {error != null && <Problem error={error} />}
      <div class="row">
        <Button kind="primary" type="submit" busy={busy} disabled={to.trim() === '' || to.trim() === name}>
          {t('person.rename.action')}
        </Button>
        <Button onClick={onCancel}>{t('common.cancel')}</Button>
      </div>
    </form>
  );
}

type Doing = { what: 'rename' | 'add' | 'forget' } | { what: 'remove'; example: Example; number: number } | null;

export function PersonDialog({ name, onChanged, onRenamed, onClose }: PersonDialogProps) {
  const person = useLoaded((signal) => getPerson(name, signal), [name]);
  const [doing, setDoing] = useState<Doing>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const work = async (task: () => Promise<unknown>, then: () => void) => {
    setBusy(true);
    setError(null);
    try {
      await task();
      setDoing(null);
      then();
      onChanged();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  const start = (next: Doing) => {
    setError(null);
    setDoing(next);
  };

  return (
    <Dialog title={name} onClose={onClose}>
      {person.loading && !person.data && <Loading />}
      {person.error != null && <Problem error={person.error} retry={person.reload} />}
      {doing?.what === 'rename' && (
        <Rename
          name={name}
          onCancel={() => setDoing(null)}
          onDone={(to) => {
            setDoing(null);
            say(t('person.renamed', { name: to }));
            onRenamed(to);
            onChanged();
          }}
        />
      )}
      {person.data && (
        <>
          <p class="small">{t('people.examples', { count: person.data.examples.length })}</p>
          <ul class="examples">
            {person.data.examples.map((example, index) => (
              <ExampleCard
                key={example.id}
                name={name}
                example={example}
                number={index + 1}
                onRemove={may('enrol') ? () => start({ what: 'remove', example, number: index + 1 }) : undefined}
              />
            ))}
          </ul>
        </>
      )}
      {may('enrol') ? (
        <footer class="spread">
          <Button kind="danger" icon="trash" onClick={() => start({ what: 'forget' })}>
            {t('person.forget')}
          </Button>
          <span class="row">
            {doing?.what !== 'rename' && (
              <Button icon="edit" onClick={() => start({ what: 'rename' })}>
                {t('person.rename')}
              </Button>
            )}
            <Button kind="primary" icon="plus" onClick={() => start({ what: 'add' })}>
              {t('person.add')}
            </Button>
          </span>
        </footer>
      ) : (
        <p class="hint">{t('person.read_only')}</p>
      )}
      {doing?.what === 'add' && (
        <EnrolDialog
          person={name}
          onClose={() => setDoing(null)}
          onEnrolled={() => {
            person.reload();
            onChanged();
          }}
        />
      )}
      {doing?.what === 'remove' && (
        <Confirm
          title={t('person.remove.title')}
          text={t('person.remove.text', { number: doing.number, name })}
          action={t('common.remove')}
          busy={busy}
          error={error != null && <Problem error={error} />}
          onClose={() => setDoing(null)}
          onConfirm={() => void work(() => removeExample(name, doing.example.id), person.reload)}
        />
      )}
      {doing?.what === 'forget' && (
        <Confirm
          title={t('person.forget.title', { name })}
          text={t('person.forget.text', { name })}
          action={t('person.forget.action')}
          busy={busy}
          error={error != null && <Problem error={error} />}
          onClose={() => setDoing(null)}
          onConfirm={() =>
            void work(
              () => removePerson(name),
              () => {
                say(t('person.forgotten', { name }));
                onClose();
              },
            )
          }
        />
      )}
    </Dialog>
  );
}
