/** Name of the diagnostics channel on which each line of an app's process is published, wherever else it goes. */
export const APP_LINES = 'trailmeter:app-lines';
