namespace Pavise.Images.Tests;
