// The app as it is, with steps that may kill its process.
import './crash.ts';
import '../../../functions/index.ts';
