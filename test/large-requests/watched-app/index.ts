// The app as it is, with a function that says how long its event loop was held.
import './loop-watch.ts';
import '../../../functions/index.ts';

// As in Azure. On a laptop the first error loads the source map of the whole app, which takes 150 MB.
process.setSourceMapsEnabled(false);
