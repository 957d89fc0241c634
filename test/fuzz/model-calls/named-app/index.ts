// The app as it is, whose requests to a model say which request they are made for.
import './name-calls.ts';
import '../../../../functions/index.ts';
