#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// The launcher is plain JavaScript, so that even a Node that is too old can read it and say so.
const [major, minor] = process.versions.node.split('.').map(Number);
const compiled = import.meta.url.includes('/node_modules/') || import.meta.url.includes('/dist/');

if (major < 22 || (major === 22 && minor < 14)) {
  console.error(
    `Aisle needs Node 24 (or 22.14 and later), and this is Node ${process.versions.node}; ` +
      'start it with "npx aisle" or "npm start", which bring their own Node.',
  );
  process.exitCode = 1;
} else if (!compiled && !process.features.typescript) {
  console.error(
    `From its source Aisle needs Node 24, and this is Node ${process.versions.node}; ` +
      'start it with "npx aisle" or "npm start", which bring their own Node.',
  );
  process.exitCode = 1;
} else {
  // Compiled code is kept beside the packages that it comes from: a restart takes a third less time. A folder
  // that cannot be written costs only that.
  module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/aisle', import.meta.url)));
  // An installed package runs its compiled form, because Node does not strip types below node_modules.
  await import(compiled ? '../dist/src/main.js' : './main.ts');
}
