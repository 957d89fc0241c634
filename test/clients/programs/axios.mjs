import { File } from 'node:buffer';
import axios from 'axios';
import { address, fill, report } from './parts.mjs';

const { status, data } = await axios.post(address, fill(new FormData(), File), {
  responseType: 'text',
  validateStatus: () => true,
});
report(status, data);
