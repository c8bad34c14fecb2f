/// Keys: made, shown once, taken back.
import { useState } from 'preact/hooks';
import { createKey, listKeys, revokeKey } from '../../api/calls';
import { key } from '../../api/client';
import { loadSession, session } from '../../api/session';
import type { Key, NewKey, Role } from '../../api/types';
import { formatTime } from '../../lib/format';
import { useStore } from '../../lib/store';
import { Button, Empty, Field, Loading, Note, Problem, Select } from '../../parts/basics';
import { Confirm, Dialog } from '../../parts/dialog';
import { useLoaded } from '../../parts/hooks';
import { say } from '../../parts/toasts';
import { t } from '../../texts';

const kRoles = ['read', 'enrol', 'admin'] as const;

function NewKeyShown({ fresh, onClose }: { fresh: NewKey; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(fresh.key).then(
      () => say(t('keys.copied')),
      () => say(t('keys.not_copied')),
    );
  return (
    <Dialog title={t('keys.fresh', { name: fresh.name })} onClose={onClose}>
      <Note kind="warn">{t('keys.once')}</Note>
      <Field label={t('keys.secret')}>
        {(ids) => <input {...ids} class="secret" readOnly value={fresh.key} onFocus={(event) => event.currentTarget.select()} />}
      </Field>
      <footer>
        <Button icon="copy" onClick={() => void copy()}>
          {t('keys.copy')}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t('keys.kept')}
        </Button>
      </footer>
    </Dialog>
  );
}

function limitOf(text: string): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value > 0 ? value : undefined;
}

/// `first`: from this key on nobody gets in without one, so that it has to be able to make others.
function CreateKey({ first, onMade, onClose }: { first: boolean; onMade: (fresh: NewKey) => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(first ? 'admin' : 'read');
  const [rate, setRate] = useState('');
  const [quota, setQuota] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      onMade(await createKey({ name: name.trim(), role, rate_per_minute: limitOf(rate), daily_quota: limitOf(quota) }));
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t('keys.create.title')} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        {first && <Note kind="warn">{t('keys.first')}</Note>}
        <Field label={t('keys.name')} hint={t('keys.name.hint')}>
          {(ids) => <input {...ids} required maxLength={100} autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        <Select
          label={t('keys.role')}
          value={role}
          hint={t(`keys.role.${role}`)}
          choices={(first ? (['admin'] as const) : kRoles).map((value) => ({ value, text: t(`role.${value}`) }))}
          onChange={setRole}
        />
        <div class="two">
          <Field label={t('keys.rate')} hint={t('keys.unlimited')}>
            {(ids) => <input {...ids} type="number" min={1} step={1} value={rate} onInput={(event) => setRate(event.currentTarget.value)} />}
          </Field>
          <Field label={t('keys.quota')} hint={t('keys.unlimited')}>
            {(ids) => <input {...ids} type="number" min={1} step={1} value={quota} onInput={(event) => setQuota(event.currentTarget.value)} />}
          </Field>
        </div>
        {error != null && <Problem error={error} />}
        <footer>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button kind="primary" type="submit" busy={busy} disabled={name.trim() === ''}>
            {t('keys.create.action')}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function KeyRow({ entry, onRevoke }: { entry: Key; onRevoke: () => void }) {
  return (
    <tr class={entry.revoked ? 'revoked' : ''}>
      <th scope="row">
        {entry.name} <code>{entry.id}</code>
      </th>
      <td>{t(`role.${entry.role}`)}</td>
      <td>{formatTime(entry.created_at)}</td>
      <td>{entry.last_used_at === null ? t('keys.never') : formatTime(entry.last_used_at)}</td>
      <td>
        {entry.revoked ? (
          <span class="chip cancelled">{t('keys.revoked')}</span>
        ) : (
          <Button kind="danger" onClick={onRevoke}>
            {t('keys.revoke')}
            <span class="hidden">{entry.name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

export function Keys() {
  const keys = useLoaded((signal) => listKeys(signal), []);
  const [creating, setCreating] = useState(false);
  const [fresh, setFresh] = useState<NewKey | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const now = useStore(session);
  const first = now.state === 'ready' && !now.session.keys_exist;
  const list = keys.data?.keys ?? [];

  const revoke = async (entry: Key) => {
    setBusy(true);
    setError(null);
    try {
      await revokeKey(entry.id);
      setRevoking(null);
      say(t('keys.revoked.said', { name: entry.name }));
      keys.reload();
    } catch (caught) {
      setError(caught);
    }
    setBusy(false);
  };

  return (
    <section class="card wide-card" aria-labelledby="keys-title">
      <div class="card-head">
        <h2 id="keys-title">{t('keys.title')}</h2>
        <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
          {t('keys.create')}
        </Button>
      </div>
      {keys.loading && !keys.data && <Loading />}
      {keys.error != null && <Problem error={keys.error} retry={keys.reload} />}
      {keys.data && list.length === 0 && (
        <Empty title={t('keys.empty')}>
          <p>{t('keys.empty.text')}</p>
        </Empty>
      )}
      {list.length > 0 && (
        <div class="table-holder" role="region" aria-labelledby="keys-title" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('keys.name')}</th>
                <th scope="col">{t('keys.role')}</th>
                <th scope="col">{t('keys.created')}</th>
                <th scope="col">{t('keys.used')}</th>
                <th scope="col">
                  <span class="hidden">{t('keys.revoke')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((entry) => (
                <KeyRow
                  key={entry.id}
                  entry={entry}
                  onRevoke={() => {
                    setError(null);
                    setRevoking(entry);
                  }}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {creating && (
        <CreateKey
          first={first}
          onClose={() => setCreating(false)}
          onMade={(made) => {
            setCreating(false);
            setFresh(made);
            if (first) {
              key.set(made.key); // this page goes on with it
              void loadSession();
            }
            keys.reload();
          }}
        />
      )}
      {fresh && <NewKeyShown fresh={fresh} onClose={() => setFresh(null)} />}
      {revoking && (
        <Confirm
          title={t('keys.revoke.title', { name: revoking.name })}
          text={t('keys.revoke.text')}
          action={t('keys.revoke')}
          busy={busy}
          error={error != null && <Problem error={error} />}
          onClose={() => setRevoking(null)}
          onConfirm={() => void revoke(revoking)}
        />
      )}
    </section>
  );
}
