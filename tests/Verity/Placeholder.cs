namespace Pavise.Verity.Tests;
