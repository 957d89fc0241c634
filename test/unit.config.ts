import { defineConfig } from 'vitest/config';
import config from '../vitest.config.ts';
import { findUnitTests } from './unit-tests.ts';

/** `npm run test:unit`: the tests that start nothing, for between two edits. */
export default defineConfig({ test: { ...config.test, include: findUnitTests() } });
