namespace Pavise.Owner.Tests;
