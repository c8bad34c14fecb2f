import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/rooms.css';
import { render } from 'preact';
import { watchReachability } from './api/client';
import { loadSession, watchSession } from './api/session';
import { App } from './app';
import { followAddress } from './lib/route';
import { startTheme } from './lib/theme';

startTheme();
followAddress();
watchReachability();
watchSession();
void loadSession();

const place = document.getElementById('app');
if (place) render(<App />, place);
