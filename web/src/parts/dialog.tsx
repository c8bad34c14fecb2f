/// Dialogs: the browser's own <dialog>, which keeps the focus inside, closes with Escape, and gives
/// the focus back to where it was.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../texts';
import { Button, IconButton } from './basics';

interface DialogProps {
  title: string;
  onClose?: () => void; ///< without it the dialog cannot be closed by the person
  wide?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        // A file chooser that is left without a choice says "cancel" too.
        if (event.target !== element.current) return;
        event.preventDefault();
        onClose?.();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) onClose?.();
      }}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          {onClose && <IconButton icon="close" label={t('common.close')} onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  action: string;
  busy?: boolean;
  error?: ComponentChildren;
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ title, text, action, busy = false, error, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      {error}
      <footer>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button kind="danger" busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </footer>
    </Dialog>
  );
}
