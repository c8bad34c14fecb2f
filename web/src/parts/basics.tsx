/// The small parts: buttons, notices, fields, what is empty and what is loading.
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { explain } from '../texts/problems';
import { t } from '../texts';
import { Icon, type IconName } from './icons';

interface ButtonProps extends Omit<JSX.HTMLAttributes<HTMLButtonElement>, 'icon'> {
  icon?: IconName;
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  busy?: boolean;
  disabled?: boolean;
  type?: 'button' | 'submit';
}

export function Button({ icon, kind = 'plain', busy = false, children, type = 'button', disabled, ...rest }: ButtonProps) {
  return (
    <button {...rest} type={type} class={`button ${kind}`} disabled={disabled || busy} aria-busy={busy}>
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

/// A button with nothing but an icon; `label` is its name.
export function IconButton({ icon, label, ...rest }: { icon: IconName; label: string } & JSX.HTMLAttributes<HTMLButtonElement>) {
  return (
    <button {...rest} type="button" class="button icon-only" aria-label={label} title={label}>
      <Icon name={icon} />
    </button>
  );
}

export function Spinner() {
  return <span class="spinner" aria-hidden="true" />;
}

export function Loading({ text }: { text?: string }) {
  return (
    <p class="loading" role="status">
      <Spinner />
      {text ?? t('common.loading')}
    </p>
  );
}

/// What went wrong, and what can be done.
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, hint, detail } = explain(error);
  return (
    <div class="notice bad" role="alert">
      <Icon name="warn" />
      <div>
        <strong>{title}</strong>
        {hint && <p>{hint}</p>}
        {detail && <p class="small">{t('problem.detail', { detail })}</p>}
        {retry && (
          <Button kind="quiet" onClick={retry}>
            {t('common.retry')}
          </Button>
        )}
      </div>
    </div>
  );
}

export function Note({ kind = 'info', children }: { kind?: 'info' | 'warn' | 'good'; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`}>
      <Icon name={kind === 'warn' ? 'warn' : 'check'} />
      <div>{children}</div>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-mark" aria-hidden="true" />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface FieldProps {
  label: string;
  hint?: string;
  children: (ids: { id: string; 'aria-describedby'?: string }) => ComponentChildren;
}

export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(hint ? { id, 'aria-describedby': `${id}-hint` } : { id })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  text: string; ///< the value in words
  hint?: string;
  onChange: (value: number) => void;
}

export function Slider({ label, value, min, max, step, text, hint, onChange }: SliderProps) {
  const id = useId();
  return (
    <div class="field">
      <div class="field-top">
        <label for={id}>{label}</label>
        <output for={id}>{text}</output>
      </div>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        aria-valuetext={text}
        aria-describedby={hint ? `${id}-hint` : undefined}
        style={{ '--fill': `${((value - min) / (max - min)) * 100}%` }}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  choices: readonly { value: T; text: string }[];
  hint?: string;
  onChange: (value: T) => void;
}

export function Select<T extends string>({ label, value, choices, hint, onChange }: SelectProps<T>) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Bar({ share, label }: { share: number; label: string }) {
  return (
    <div class="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <span style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
    </div>
  );
}
