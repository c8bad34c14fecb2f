/// The frame around the rooms: where one is, who one is, whether the service is there.
import { useEffect, useRef } from 'preact/hooks';
import { askWhetherReachable, key, reachable } from './api/client';
import { forgetKey, loadSession, session } from './api/session';
import { kRooms, linkTo, route, type Room } from './lib/route';
import { useStore } from './lib/store';
import { nextTheme, theme } from './lib/theme';
import { IconButton, Button, Loading, Problem } from './parts/basics';
import { Icon, Mark, type IconName } from './parts/icons';
import { KeyDialog } from './parts/key_dialog';
import { say, Toasts } from './parts/toasts';
import { People } from './rooms/people/people';
import { Studio } from './rooms/studio/studio';
import { System } from './rooms/system/system';
import { Verify } from './rooms/verify/verify';
import { t } from './texts';

const kThemeIcons: Record<string, IconName> = { system: 'system_theme', light: 'sun', dark: 'moon' };

function Navigation({ room }: { room: Room }) {
  return (
    <nav aria-label={t('nav.label')}>
      <ul>
        {kRooms.map((name) => (
          <li key={name}>
            <a href={linkTo(name)} aria-current={name === room ? 'page' : undefined}>
              <Icon name={name} />
              <span>{t(`room.${name}`)}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Tools() {
  const now = useStore(session);
  const look = useStore(theme);
  const used = useStore(key);
  return (
    <div class="tools">
      {now.state === 'ready' && (
        <p class="who">
          {now.session.keys_exist ? t('who.key', { name: now.session.name }) : t('who.local')}
          <span>{t(`role.${now.session.role}`)}</span>
        </p>
      )}
      <div class="row">
        <IconButton
          icon={kThemeIcons[look] ?? 'sun'}
          label={t('theme.label', { theme: t(`theme.${look}`) })}
          onClick={() => {
            theme.set(nextTheme());
            say(t('theme.said', { theme: t(`theme.${theme.get()}`) }));
          }}
        />
        {used && <IconButton icon="leave" label={t('key.forget')} onClick={forgetKey} />}
      </div>
    </div>
  );
}

function ReachabilityBanner() {
  const there = useStore(reachable);
  const before = useRef(true);
  useEffect(() => {
    if (there && !before.current) say(t('banner.back'));
    before.current = there;
  }, [there]);
  return (
    <div role="alert" class="banner-place">
      {!there && (
        <div class="banner">
          <span class="spinner" aria-hidden="true" />
          <p>
            <strong>{t('banner.gone')}</strong> {t('banner.trying')}
          </p>
          <Button kind="quiet" onClick={askWhetherReachable}>
            {t('banner.now')}
          </Button>
        </div>
      )}
    </div>
  );
}

const kRoomParts: Record<Room, () => preact.JSX.Element> = { verify: Verify, people: People, studio: Studio, system: System };

export function App() {
  const { room } = useStore(route);
  const now = useStore(session);
  const there = useStore(reachable);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const Inside = kRoomParts[room];

  useEffect(() => {
    document.title = t('page.title', { room: t(`room.${room}`) });
    // Whoever cannot see that the room changed hears it: the focus goes there.
    if (!first.current) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    first.current = false;
  }, [room]);

  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('nav.skip')}
      </a>
      <header class="rail">
        <a class="brand" href={linkTo('verify')}>
          <Mark />
          <span>Likeness</span>
        </a>
        <Navigation room={room} />
        <Tools />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <ReachabilityBanner />
        {now.state === 'loading' && there && <Loading />}
        {now.state === 'failed' && there && <Problem error={now.error} retry={() => void loadSession()} />}
        {now.state === 'ready' && <Inside />}
      </main>
      {now.state === 'key-needed' && <KeyDialog rejected={now.rejected} />}
      <Toasts />
    </div>
  );
}
