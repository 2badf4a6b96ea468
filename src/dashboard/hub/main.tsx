import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/shell.css';
import '../styles/panels.css';
import '../styles/hub.css';
import '../styles/motion.css';
import { render } from 'preact';
import { createRouter } from '../router.ts';
import { App } from './app.tsx';
import { createHubState, followHub } from './hub-state.ts';

const state = createHubState();
render(<App state={state} router={createRouter()} />, document.getElementById('app')!);
followHub(state);
