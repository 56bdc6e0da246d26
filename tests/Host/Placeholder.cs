namespace Pavise.Host.Tests;
