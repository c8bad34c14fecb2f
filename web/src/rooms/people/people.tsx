/// People: who is known, and who is on a photo.
import { session } from '../../api/session';
import { linkTo, route } from '../../lib/route';
import { useStore } from '../../lib/store';
import { Empty } from '../../parts/basics';
import { t } from '../../texts';
import { Gallery } from './gallery';
import { Identify } from './identify';

export function People() {
  const { view } = useStore(route);
  const now = useStore(session);
  if (now.state === 'ready' && now.session.gallery === null) {
    return (
      <div class="room people">
        <header class="room-head">
          <h1>{t('people.title')}</h1>
        </header>
        <Empty title={t('people.no_gallery')}>
          <p>{t('people.no_gallery.text')}</p>
          <code>likeness serve --gallery people.gallery</code>
        </Empty>
      </div>
    );
  }
  const identifying = view === 'identify';
  return (
    <div class="room people">
      <header class="room-head">
        <h1>{t('people.title')}</h1>
        <p>{t('people.lead')}</p>
      </header>
      <nav class="views" aria-label={t('people.views')}>
        <a href={linkTo('people')} aria-current={identifying ? undefined : 'page'}>
          {t('people.gallery')}
        </a>
        <a href={linkTo('people', 'identify')} aria-current={identifying ? 'page' : undefined}>
          {t('people.identify')}
        </a>
      </nav>
      {identifying ? <Identify /> : <Gallery />}
    </div>
  );
}
