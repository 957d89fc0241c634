import '../../../../functions/index.ts';
import './cpu.ts';
