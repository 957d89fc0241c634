import type { FunctionComponent } from 'preact';

/** A part of the console with an address of its own, `/console/<name>`. */
export interface View {
  name: string;
  title: string;
  /** Who sees it. */
  access: 'user' | 'admin';
  Page: FunctionComponent;
}
