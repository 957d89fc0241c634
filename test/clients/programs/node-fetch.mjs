import fetch, { File, FormData } from 'node-fetch';
import { address, fill, report } from './parts.mjs';

const answer = await fetch(address, { method: 'POST', body: fill(new FormData(), File) });
report(answer.status, await answer.text());
