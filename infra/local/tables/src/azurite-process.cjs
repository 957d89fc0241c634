// Runs a service of Azurite in a process of its own that ends with its parent, also when the parent is killed:
// the IPC channel closes then. The path of Azurite's entry comes first, its own arguments follow.
process.on('disconnect', () => process.exit(0));
process.argv.splice(1, 1);
const { Collection } = require(require.resolve('lokijs', { paths: [process.argv[1]] }));
const { findOne } = Collection.prototype;
// Azurite looks for a row in its whole partition: its store uses the index of the first column alone. Row keys tell more.
Collection.prototype.findOne = function (query) {
  const { PartitionKey, RowKey, ...rest } = query ?? {};
  if (PartitionKey === undefined || RowKey === undefined) return findOne.call(this, query);
  return findOne.call(this, { RowKey, PartitionKey, ...rest });
};
require(process.argv[1]);
