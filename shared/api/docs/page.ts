import type { HttpAnswer } from '../../http/answer.ts';

/** Where the page's scripts and styles are. */
const FILES = '/api/docs';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trailmeter API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${FILES}/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="${FILES}/swagger-ui-bundle.js"></script>
<script src="${FILES}/start.js"></script>
</body>
</html>
`;

/** The viewer never asks another host, and nothing that a description says can run as a script. */
export const START_SCRIPT = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
`;

/** Scripts, styles and requests of this app alone; `data:` images are the viewer's own icons. No other site can frame the page. */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page on which the description of the API can be read and tried out. */
export const docsPage = (): HttpAnswer => ({
  status: 200,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': docsPolicy,
    'cache-control': 'no-cache',
  },
  body: html,
});
