namespace Pavise.Architecture.Tests;
