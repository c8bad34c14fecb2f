/// Asks for a key where the service wants one.
import { useState } from 'preact/hooks';
import { tryKey } from '../api/session';
import { t } from '../texts';
import { Button, Field } from './basics';
import { Dialog } from './dialog';

export function KeyDialog({ rejected }: { rejected: boolean }) {
  const [secret, setSecret] = useState('');
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await tryKey(secret.trim());
    setBusy(false);
  };
  return (
    <Dialog title={t('key.title')}>
      <form onSubmit={(event) => void send(event)}>
        <p>{t('key.text')}</p>
        <Field label={t('key.field')} hint={t('key.hint')}>
          {(ids) => (
            <input
              {...ids}
              type="password"
              autocomplete="off"
              spellcheck={false}
              required
              value={secret}
              onInput={(event) => setSecret(event.currentTarget.value)}
            />
          )}
        </Field>
        {rejected && (
          <p class="field-error" role="alert">
            {t('key.rejected')}
          </p>
        )}
        <footer>
          <Button kind="primary" type="submit" icon="key" busy={busy} disabled={secret.trim() === ''}>
            {t('key.use')}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
