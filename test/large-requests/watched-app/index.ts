// The app as it is, with a function that says how long its event loop was held.
import './loop-watch.ts';
import '../../../functions/index.ts';
