/// Which room is open, kept in the address after '#': no server sees it, and it holds no names.
import { Store } from './store';

export const kRooms = ['verify', 'people', 'studio', 'system'] as const;
export type Room = (typeof kRooms)[number];

export interface Route {
  room: Room;
  view: string; ///< within the room; empty for its first
}

export function parseRoute(hash: string): Route {
  const [room = '', view = ''] = hash.replace(/^#\/?/, '').split('/');
  const known = kRooms.find((name) => name === room);
  return known ? { room: known, view } : { room: 'verify', view: '' };
}

export function linkTo(room: Room, view = ''): string {
  return view ? `#/${room}/${view}` : `#/${room}`;
}

export const route = new Store<Route>(parseRoute(globalThis.location?.hash ?? ''));

export function followAddress(): void {
  window.addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
}
