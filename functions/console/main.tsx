import { render } from 'preact';
import { App } from './app/app.tsx';
import './style/base.css';
import './style/frame.css';
import './style/parts.css';
import './style/tables.css';
import './style/forms.css';
import './style/limits.css';
import './style/try-it.css';

const place = document.getElementById('console');
if (place) render(<App />, place);
