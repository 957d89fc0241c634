// Runs a service of Azurite in a process of its own that ends with its parent, also when the parent is killed:
// the IPC channel closes then. The path of Azurite's entry comes first, its own arguments follow.
process.on('disconnect', () => process.exit(0));
process.argv.splice(1, 1);
require(process.argv[1]);
