/// Where a picture comes in: dropped, chosen, pasted (usePaste), or photographed.
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { session } from '../api/session';
import { formatBytes } from '../lib/format';
import { isPicture, picturesOf, type Picture } from '../lib/pictures';
import { t } from '../texts';
import { Button, IconButton } from './basics';
import { CameraDialog, hasCamera } from './camera';
import { Icon } from './icons';

interface DropZoneProps {
  label: string;
  hint: string;
  tone?: 'a' | 'b';
  picture: Picture | null;
  several?: boolean;
  camera?: boolean;
  onFiles: (files: File[]) => void;
  onClear: () => void;
  children?: ComponentChildren; ///< how the picture is shown
}

/// Those that the service would take, and why not the others.
export function sift(files: File[]): { fine: File[]; refused: string | null } {
  const now = session.get();
  const limit = now.state === 'ready' ? now.session.limits.max_upload_bytes : Infinity;
  let refused: string | null = null;
  const fine = files.filter((file) => {
    if (!isPicture(file)) refused = t('drop.no_picture', { name: file.name });
    else if (file.size === 0) refused = t('drop.empty', { name: file.name });
    else if (file.size > limit) {
      refused = t('drop.too_large', { name: file.name, size: formatBytes(file.size), limit: formatBytes(limit) });
    } else return true;
    return false;
  });
  return { fine, refused };
}

export function DropZone(props: DropZoneProps) {
  const { label, hint, tone = 'a', picture, several = false, camera = true, onFiles, onClear, children } = props;
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [filming, setFilming] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const id = useId();

  const take = (files: File[]) => {
    if (files.length === 0) return;
    const { fine, refused: why } = sift(files);
    setRefused(why);
    if (fine.length > 0) onFiles(several ? fine : fine.slice(0, 1));
  };

  return (
    <section
      class={`drop tone-${tone} ${over ? 'over' : ''} ${picture ? 'full' : ''}`}
      aria-labelledby={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const dropped = picturesOf(event.dataTransfer);
        take(dropped.length > 0 ? dropped : [...(event.dataTransfer?.files ?? [])]);
      }}
    >
      <header>
        <h2 id={id}>{label}</h2>
        {picture && (
          <div class="row">
            <IconButton icon="replace" label={t('drop.replace', { label })} onClick={() => input.current?.click()} />
            <IconButton icon="close" label={t('drop.remove', { label })} onClick={onClear} />
          </div>
        )}
      </header>
      <input
        ref={input}
        type="file"
        hidden
        accept="image/*,.tif,.tiff,.bmp,.webp"
        multiple={several}
        onChange={(event) => {
          take([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      {picture ? (
        children
      ) : (
        <div class="drop-empty">
          <Icon name="picture" />
          <p>{hint}</p>
          <div class="row center">
            <Button kind="primary" onClick={() => input.current?.click()}>
              {t('drop.choose')}
              <span class="hidden">{t('drop.for', { label })}</span>
            </Button>
            {camera && hasCamera() && (
              <Button icon="camera" onClick={() => setFilming(true)}>
                {t('drop.camera')}
                <span class="hidden">{t('drop.for', { label })}</span>
              </Button>
            )}
          </div>
        </div>
      )}
      {refused && (
        <p class="drop-refused" role="alert">
          {refused}
        </p>
      )}
      {filming && <CameraDialog onPhoto={(file) => take([file])} onClose={() => setFilming(false)} />}
    </section>
  );
}
