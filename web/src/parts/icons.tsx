/// Icons as outlines of our own, 24 units wide; always beside text or inside a labelled button.
const kPaths = {
  verify: 'M9 5a7 7 0 1 0 0 14A7 7 0 0 0 9 5zM15 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14z',
  people: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.6-3.6 3.7-5.5 7.5-5.5s6.900 1.900 7.500 5.500',
  studio: 'M4 20c3.500.500 6-.5 6-3a2.500 2.500 0 0 0-5-.3C4.900 18.500 5 19.500 4 20zM10.500 14.500 19 4.500c.600-.7 1.800.300 1.200 1.100L12 16',
  system: 'M4 7h9M18 7h2M4 17h2M11 17h9M15.500 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM8.500 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  camera: 'M4 8h3l1.500-2.500h7L17 8h3v11H4zM12 16.500a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400z',
  picture: 'M4 5h16v14H4zM4 16l4.500-4.500 4 4L15 13l5 4.500M15.500 9.500h.010',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  search: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500 20 20',
  trash: 'M5 7h14M10 7V4.500h4V7M7 7l.800 12.500h8.400L17 7',
  download: 'M12 4v11M7.500 11 12 15.500 16.500 11M5 20h14',
  key: 'M14.500 14a4.500 4.500 0 1 0-4.300-3.200L4 17v3h3v-2h2v-2h2l1-1.600c.7.400 1.600.600 2.500.600zM16 8h.010',
  copy: 'M9 9h11v11H9zM5 15V4h11',
  check: 'M5 12.500 10 17.500 19.500 7',
  warn: 'M12 4 21 19.500H3zM12 10v4.500M12 17h.010',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M5.600 18.400l1.100-1.100M17.300 6.700l1.100-1.100',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  system_theme: 'M4 5h16v11H4zM9 20h6M12 16v4',
  leave: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9.500',
  edit: 'M5 19l.800-3.800L16.500 4.500l3 3L8.800 18.200z',
  replace: 'M5 9h12l-3-3.500M19 15H7l3 3.500',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={kPaths[name]} />
    </svg>
  );
}

/// The mark: two likenesses and what they share.
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle class="mark-a" cx="12" cy="16" r="9" />
      <circle class="mark-b" cx="20" cy="16" r="9" />
      <path class="mark-ab" d="M16 7.940a9 9 0 0 1 0 16.120 9 9 0 0 1 0-16.120z" />
    </svg>
  );
}
