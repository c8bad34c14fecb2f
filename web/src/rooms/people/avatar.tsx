/// A person's kept picture, or the initials where none is kept.
import { examplePicture } from '../../api/calls';
import { initials } from '../../lib/format';
import { usePicture, useSeen } from '../../parts/hooks';

interface AvatarProps {
  name: string;
  example: number | null;
  alt?: string; ///< empty beside the name in words
}

/// The same of six tints for the same name.
function tint(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 6007;
  return sum % 6;
}

export function Avatar({ name, example, alt = '' }: AvatarProps) {
  const [element, seen] = useSeen<HTMLSpanElement>();
  const { url } = usePicture(seen && example !== null ? examplePicture(name, example) : null);
  return (
    <span ref={element} class={`avatar tint-${tint(name)}`}>
      {url ? <img src={url} alt={alt} /> : <span aria-hidden="true">{initials(name)}</span>}
    </span>
  );
}
