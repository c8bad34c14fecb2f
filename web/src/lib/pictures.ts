/// Pictures that a person chose: shown from memory, checked before they travel.

export interface Picture {
  file: File;
  url: string; ///< blob:
}

export function openPicture(file: File): Picture {
  return { file, url: URL.createObjectURL(file) };
}

export function closePicture(picture: Picture | null | undefined): void {
  if (picture) URL.revokeObjectURL(picture.url);
}

/// Pictures by type, or by name where the system does not know the type.
export function isPicture(file: File): boolean {
  return file.type.startsWith('image/') || /\.(jpe?g|png|webp|bmp|tiff?)$/i.test(file.name);
}

export function picturesOf(data: DataTransfer | null): File[] {
  return data ? [...data.files].filter(isPicture) : [];
}

async function toJpeg(canvas: HTMLCanvasElement, quality = 0.92): Promise<Blob> {
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('canvas'))), 'image/jpeg', quality),
  );
}

function paper(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('canvas');
  return [canvas, pen];
}

/// What the camera shows now.
export async function photograph(video: HTMLVideoElement): Promise<File> {
  const [canvas, pen] = paper(video.videoWidth, video.videoHeight);
  pen.drawImage(video, 0, 0);
  return new File([await toJpeg(canvas)], 'camera.jpg', { type: 'image/jpeg' });
}

const smaller = new WeakMap<File, Map<number, Promise<Blob>>>();

/// `file` with at most `side` pixels on its longer side: enough for a preview and quick to send.
/// Formats that the browser cannot read stay as they are.
export function shrink(file: File, side: number): Promise<Blob> {
  const known = smaller.get(file) ?? new Map<number, Promise<Blob>>();
  smaller.set(file, known);
  let made = known.get(side);
  if (!made) {
    made = shrinkNow(file, side).catch(() => file);
    known.set(side, made);
  }
  return made;
}

async function shrinkNow(file: File, side: number): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const scale = side / Math.max(bitmap.width, bitmap.height);
    if (scale >= 1) return file;
    const [canvas, pen] = paper(bitmap.width * scale, bitmap.height * scale);
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return await toJpeg(canvas);
  } finally {
    bitmap.close();
  }
}

export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/// A face cut out of a photo with so much around it that it will be found again.
export async function cutOut(file: File, face: Area, margin = 0.7): Promise<File> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    const left = Math.max(0, face.left - face.width * margin);
    const top = Math.max(0, face.top - face.height * margin);
    const right = Math.min(bitmap.width, face.left + face.width * (1 + margin));
    const bottom = Math.min(bitmap.height, face.top + face.height * (1 + margin));
    const [canvas, pen] = paper(right - left, bottom - top);
    pen.drawImage(bitmap, left, top, right - left, bottom - top, 0, 0, canvas.width, canvas.height);
    return new File([await toJpeg(canvas, 0.95)], 'face.jpg', { type: 'image/jpeg' });
  } finally {
    bitmap.close();
  }
}

/// Hands `blob` to the person as a file.
export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser may begin to read only after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
