/// The gallery as a grid, with search, enrolment, and each person's details.
import { useState } from 'preact/hooks';
import { loadSession, may } from '../../api/session';
import type { Person } from '../../api/types';
import { Button, Empty, Loading, Problem } from '../../parts/basics';
import { Icon } from '../../parts/icons';
import { t } from '../../texts';
import { Avatar } from './avatar';
import { EnrolDialog } from './enrol_dialog';
import { PersonDialog } from './person_dialog';
import { useRoster } from './roster';

function Tile({ person, onOpen }: { person: Person; onOpen: () => void }) {
  return (
    <li>
      <button type="button" class="person" onClick={onOpen}>
        <Avatar name={person.name} example={person.has_crop ? person.example_id : null} />
        <span class="person-name">{person.name}</span>
        <span class="small">{t('people.examples', { count: person.examples })}</span>
      </button>
    </li>
  );
}

export function Gallery() {
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<string | null>(null);
  const [enrolling, setEnrolling] = useState(false);
  const roster = useRoster(search);
  const searching = search.trim() !== '';
  const changed = () => {
    roster.reload();
    void loadSession();
  };

  return (
    <section class="gallery" aria-label={t('people.gallery')}>
      <div class="toolbar">
        <div class="search">
          <Icon name="search" />
          <input
            type="search"
            aria-label={t('people.search')}
            placeholder={t('people.search')}
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </div>
        {may('enrol') && (
          <Button kind="primary" icon="plus" onClick={() => setEnrolling(true)}>
            {t('people.enrol')}
          </Button>
        )}
      </div>
      <p class="small count" role="status">
        {roster.data && (searching ? t('people.found', { count: roster.matches, total: roster.total }) : t('people.count', { count: roster.total }))}
      </p>
      {roster.error != null && <Problem error={roster.error} retry={roster.reload} />}
      {roster.loading && !roster.data && <Loading />}
      {roster.data && roster.total === 0 && (
        <Empty title={t('people.empty')}>
          <p>{may('enrol') ? t('people.empty.text') : t('people.empty.read')}</p>
        </Empty>
      )}
      {roster.data && roster.total > 0 && searching && roster.matches === 0 && !roster.loading && (
        <Empty title={t('people.nobody', { search })}>
          <p>{t('people.nobody.text')}</p>
        </Empty>
      )}
      {roster.shown.length > 0 && (
        <ul class="grid">
          {roster.shown.map((person) => (
            <Tile key={person.name} person={person} onOpen={() => setOpen(person.name)} />
          ))}
        </ul>
      )}
      {roster.hasMore && (
        <div class="row center">
          <Button onClick={roster.more} busy={roster.loading}>
            {t('people.more')}
          </Button>
        </div>
      )}
      {enrolling && <EnrolDialog onClose={() => setEnrolling(false)} onEnrolled={changed} />}
      {open !== null && <PersonDialog name={open} onClose={() => setOpen(null)} onChanged={changed} onRenamed={setOpen} />}
    </section>
  );
}
