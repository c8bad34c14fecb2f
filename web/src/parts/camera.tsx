/// A photo from the camera of this device; nothing is sent before it is taken.
import { useEffect, useRef, useState } from 'preact/hooks';
import { photograph } from '../lib/pictures';
import { t } from '../texts';
import { Button, Loading, Note } from './basics';
import { Dialog } from './dialog';

export function hasCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === 'function';
}

type Trouble = 'camera.forbidden' | 'camera.none' | 'camera.failed';

function reason(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'camera.forbidden';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'camera.none';
  return 'camera.failed';
}

export function CameraDialog({ onPhoto, onClose }: { onPhoto: (file: File) => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [running, setRunning] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  useEffect(() => {
    let stream: MediaStream | null = null;
    let left = false;
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } }, audio: false })
      .then(async (opened) => {
        stream = opened;
        if (left || !video.current) return stop();
        video.current.srcObject = opened;
        await video.current.play();
        setRunning(true);
        return undefined;
      })
      .catch((error: unknown) => !left && setTrouble(reason(error)));
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    return () => {
      left = true;
      stop();
    };
  }, []);

  const take = async () => {
    if (!video.current) return;
    onPhoto(await photograph(video.current));
    onClose();
  };

  return (
    <Dialog title={t('camera.title')} onClose={onClose}>
      {trouble ? (
        <Note kind="warn">{t(trouble)}</Note>
      ) : (
        <div class="camera">
          <video ref={video} muted playsInline aria-label={t('camera.view')} />
          {!running && <Loading text={t('camera.starting')} />}
        </div>
      )}
      <footer>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button kind="primary" icon="camera" disabled={!running} onClick={() => void take()}>
          {t('camera.take')}
        </Button>
      </footer>
    </Dialog>
  );
}
