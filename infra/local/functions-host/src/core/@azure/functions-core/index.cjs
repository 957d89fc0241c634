// Set by the host's worker before it loads the app. This folder is on NODE_PATH of the app's process.
module.exports = globalThis[Symbol.for('trailmeter.functions-core')];
