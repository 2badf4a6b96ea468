import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/shelves.css';
import './styles/panels.css';
import './styles/item.css';
import './styles/tasks.css';
import './styles/field.css';
import './styles/motion.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { followGateway } from './data/live-link.ts';
import { createStoreState } from './data/store-state.ts';
import { createRouter } from './router.ts';

const state = createStoreState();
const router = createRouter();
render(<App state={state} router={router} />, document.getElementById('app')!);
followGateway(state);
