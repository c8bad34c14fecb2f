/// A picture with frames around its faces. Frames are drawn over it in shares of its size; whoever
/// cannot see them reads the list that stands beside it.
import { useState } from 'preact/hooks';
import type { Box } from '../api/types';
import { t } from '../texts';

export interface Frame {
  box: Box;
  kind: 'main' | 'other' | 'known' | 'unknown';
  label?: string;
}

interface FacePictureProps {
  url: string;
  alt: string;
  width?: number;
  height?: number;
  frames: Frame[];
  chosen?: number | null;
}

export function FacePicture({ url, alt, width, height, frames, chosen }: FacePictureProps) {
  const [unreadable, setUnreadable] = useState(false);
  const share = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return (
    <div class="face-picture">
      <div class="frame-holder">
        {unreadable ? (
          <p class="no-preview">{t('picture.no_preview')}</p>
        ) : (
          <img src={url} alt={alt} onError={() => setUnreadable(true)} />
        )}
        {!unreadable &&
          width &&
          height &&
          frames.map((frame, index) => (
            <span
              key={index}
              aria-hidden="true"
              class={`face-frame ${frame.kind} ${chosen === index ? 'chosen' : ''}`}
              style={{
                left: share(frame.box.left, width),
                top: share(frame.box.top, height),
                width: share(frame.box.width, width),
                height: share(frame.box.height, height),
              }}
            >
              {frame.label && <b class={frame.box.top + frame.box.height > height * 0.86 ? 'above' : ''}>{frame.label}</b>}
            </span>
          ))}
      </div>
    </div>
  );
}
